"""The one place that makes the real things out of the settings: vendors, logins, sessions, folders, stores."""
