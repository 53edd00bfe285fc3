"""What ``clearance bench clips`` measures, one module a topic; each answers with a ``Section`` of figures."""
