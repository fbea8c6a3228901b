"""What every part rests on: money, weight, time, ids, states, refusals and the database."""
