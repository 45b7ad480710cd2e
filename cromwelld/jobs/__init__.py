"""The jobs that people and the schedule ask for."""
