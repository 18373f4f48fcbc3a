"""Members of six alliances and unions, by year of entry and, where they left, of exit; for trying importers."""

SPELLS: dict[str, tuple[tuple[str, int, int], ...]] = {
    "NATO": (
        ("BEL CAN DNK FRA ISL ITA LUX NLD NOR PRT GBR USA", 1949, 9999),
        ("GRC TUR", 1952, 9999),
        ("DEU", 1955, 9999),
        ("ESP", 1982, 9999),
        ("CZE HUN POL", 1999, 9999),
        ("BGR EST LVA LTU ROU SVK SVN", 2004, 9999),
        ("ALB HRV", 2009, 9999),
        ("MNE", 2017, 9999),
        ("MKD", 2020, 9999),
        ("FIN", 2023, 9999),
        ("SWE", 2024, 9999),
    ),
    "EU": (
        ("BEL DEU FRA ITA LUX NLD", 1958, 9999),
        ("DNK IRL", 1973, 9999),
        ("GBR", 1973, 2020),
        ("GRC", 1981, 9999),
        ("ESP PRT", 1986, 9999),
        ("AUT FIN SWE", 1995, 9999),
        ("CYP CZE EST HUN LVA LTU MLT POL SVK SVN", 2004, 9999),
        ("BGR ROU", 2007, 9999),
        ("HRV", 2013, 9999),
    ),
    "CSTO": (
        ("RUS ARM KAZ KGZ TJK", 1992, 9999),
        ("UZB", 1992, 1999),
        ("AZE GEO", 1993, 1999),
        ("BLR", 1993, 9999),
        ("UZB", 2006, 2012),
    ),
    "Rio": (
        ("ARG BRA CHL COL CRI DOM SLV GTM HTI HND PAN PRY PER USA URY", 1948, 9999),
        ("BOL ECU NIC VEN", 1948, 2013),
        ("MEX", 1948, 2004),
        ("CUB", 1948, 1962),
        ("TTO", 1967, 9999),
        ("BHS", 1982, 9999),
    ),
    "Arab League": (
        ("EGY IRQ JOR LBN SAU SYR YEM", 1945, 9999),
        ("LBY", 1953, 9999),
        ("SDN", 1956, 9999),
        ("MAR TUN", 1958, 9999),
        ("KWT", 1961, 9999),
        ("DZA", 1962, 9999),
        ("ARE BHR QAT OMN", 1971, 9999),
        ("MRT", 1973, 9999),
        ("SOM", 1974, 9999),
        ("DJI", 1977, 9999),
        ("COM", 1993, 9999),
    ),
    "ASEAN": (
        ("IDN MYS PHL SGP THA", 1967, 9999),
        ("BRN", 1984, 9999),
        ("VNM", 1995, 9999),
        ("LAO MMR", 1997, 9999),
        ("KHM", 1999, 9999),
    ),
}


def members(name: str, year: int) -> list[str]:
    """Return the ISO codes of the members at the end of a year."""
    return [code for codes, entry, exit_ in SPELLS[name] if entry <= year < exit_ for code in codes.split()]
