"""How a stand-in insurer departs from the ordinary: late, twice, wrong, contradicting itself."""
