"""Where records come from: pieces of work in, answers out."""
