"""The doors people use: the command line, the HTTP API and the pages. It holds no rule: every act is one call to ``streams``."""
