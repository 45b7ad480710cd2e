"""What becomes of events: log lines, metrics, probes, alerts, and what systemd is told."""
