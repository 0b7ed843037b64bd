"""Moving step by step, and back: shares of calls, routes that change while a program runs, and both wires compared."""
