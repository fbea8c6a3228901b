"""溯源: the public page behind the code on a box."""
