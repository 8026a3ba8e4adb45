"""The market as the whole company meets it: everyone who tries the product."""

from simulator.quantities import Users


def signups(total_signups_by_channel) -> Users:
    """People who try the product this month, whichever channel they came by."""
    return total_signups_by_channel
