"""The library of alliances: cases in, scenarios, forecasts and scores out."""
