"""What happened, as rows that can be searched: fed from the log of records when somebody asks, and not before."""
