"""``python -m console`` is the ``clearance`` command."""

from console.cli import main

if __name__ == "__main__":
    main()
