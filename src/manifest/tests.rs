//! Documents, places and references, beside the golden cases in `tests/golden/manifest`.
