"""Explorer: a local web page on which a user changes a scenario and sees the whole ensemble respond."""
