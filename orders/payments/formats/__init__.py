"""What banks send: files of every format, read into lines and refused whole; pure functions."""
