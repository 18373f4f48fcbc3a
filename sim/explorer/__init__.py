"""The explorer: a page on this machine on which a scenario is changed and its whole ensemble answers."""
