"""On which days banks work: public holidays and working weekends, by year."""
