from pathlib import Path

from sim.output.sources import carried_back, sources_text
from sim.scenario import Scenario, load

SHIPPED = Path(__file__).parents[2] / "scenarios" / "karabakh-2023.toml"


def test_single_sources_stand_with_their_keys(scenario: Scenario):
    text = sources_text(scenario)
    assert "- a made-up war\n    events.away\n" in text
    assert "Data sets" not in text


def test_shipped_data_sets_are_named_with_version_licence_and_citation():
    text = sources_text(load(SHIPPED))
    entry = text[text.index("- Correlates of War, National Material Capabilities") :]
    for word in ("version: 7.0", "licence: free of charge", "citation: Singer"):
        assert word in entry[:600]
    assert "IRI" in text
    for word in ("Version:", "Licence:", "Citation:"):
        assert f"\n{word}" in text


def test_figures_of_later_years_are_named_as_carried_back():
    scenario = load(SHIPPED)
    late = dict(carried_back(scenario))
    assert late["dyads.ARM.RUS.trade"] == 2023
    assert "dyads.ARM.RUS.base" not in late
    text = sources_text(scenario)
    assert f"these {len(late)} figures are of years after 2020" in text
    assert "- dyads.ARM.RUS.trade: 2023" in text
