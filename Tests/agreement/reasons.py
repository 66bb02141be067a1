"""Why judges differ from pkigen verify, where they do."""


def reason(judge, relation, codes):
    """The reason for which a judge differs from pkigen about a relation; `None` where there is none."""
    return None
