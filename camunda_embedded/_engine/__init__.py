"""The engine: one single-threaded queue of commands, the state they change, and the records they leave."""
