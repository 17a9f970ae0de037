//! What a row of the table says, and where the table's rows are.

use super::{access, batch, meta, pod, service, storage, volume, workload};

/// What becomes of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It does what Kubernetes says.
    Honoured,
    /// It is accepted, as it would not change what runs on one node; the reason.
    NoEffect(&'static str),
    /// It is refused, as ignoring it would change what runs; the reason, or empty for "not yet".
    Refused(&'static str),
}

/// The rule of some fields of a struct.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The fields by their JSON names; `*` stands for all the others.
    pub fields: &'static [&'static str],
    /// Values that are honoured whatever the rule: of a scalar, of each item of a list, or as the keys of a map.
    pub fine: &'static [&'static str],
    /// What becomes of any other value.
    pub rule: Rule,
}

impl Row {
    const fn new(fields: &'static [&'static str], fine: &'static [&'static str], rule: Rule) -> Self {
        Self { fields, fine, rule }
    }

    fn holds(&self, field: &str) -> bool {
        self.fields.contains(&field) || self.fields == ["*"]
    }
}

/// Fields that are honoured.
pub(super) const fn yes(fields: &'static [&'static str]) -> Row {
    Row::new(fields, &[], Rule::Honoured)
}

/// Fields of which only some values are honoured, and the others refused.
pub(super) const fn only(fields: &'static [&'static str], fine: &'static [&'static str], why: &'static str) -> Row {
    Row::new(fields, fine, Rule::Refused(why))
}

/// Fields without effect, except for values that say what is so anyway.
pub(super) const fn moot(fields: &'static [&'static str], fine: &'static [&'static str], why: &'static str) -> Row {
    Row::new(fields, fine, Rule::NoEffect(why))
}

/// Fields that are refused for a reason that the user should know.
pub(super) const fn not(fields: &'static [&'static str], why: &'static str) -> Row {
    Row::new(fields, &[], Rule::Refused(why))
}

/// A struct's name and its rows; the first that holds decides.
pub(super) type Table = &'static [(&'static str, &'static [Row])];

/// All parts of the table.
pub(super) const TABLES: &[Table] = &[
    access::TABLE,
    meta::TABLE,
    workload::TABLE,
    batch::TABLE,
    pod::TABLE,
    service::TABLE,
    storage::TABLE,
    volume::TABLE,
];

/// The rows of a struct; none if nothing of it is honoured.
pub(super) fn rows(name: &str) -> Option<&'static [Row]> {
    TABLES.iter().copied().flatten().find(|(listed, _)| *listed == name).map(|(_, rows)| *rows)
}

/// The row that decides about a field.
pub(super) fn find(name: &str, field: &str) -> Row {
    let rows = rows(name).unwrap_or_default();
    rows.iter().find(|row| row.holds(field)).copied().unwrap_or(Row::new(&[], &[], Rule::Refused("")))
}
