"""What every layer may use: ids, facts, deadlines, errors."""
