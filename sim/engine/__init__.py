"""The two engines, Mesa agents and compiled code, which run one set of rules and stages."""
