//! The table for people: every field of a kind with its type and what becomes of it.

use std::collections::BTreeSet;
use std::fmt;

use super::row::{Row, Rule, find};
use crate::api::{Kind, Schema};

/// A struct of a kind, and its fields in the order of their names.
#[derive(Clone, Debug)]
pub struct Section {
    /// The Kubernetes name of the struct, such as `PodSpec`.
    pub name: &'static str,
    /// The fields.
    pub fields: Vec<Field>,
}

/// A field and what becomes of it.
#[derive(Clone, Debug)]
pub struct Field {
    /// The JSON name.
    pub name: &'static str,
    /// The type as kubectl writes it, such as `[]Container`.
    pub sort: String,
    /// What becomes of it.
    pub row: Row,
}

impl Field {
    /// Whether wharf does all that Kubernetes says.
    #[must_use]
    pub fn is_honoured(&self) -> bool {
        self.row.rule == Rule::Honoured
    }
}

/// The fields of a struct; none of anything else.
#[must_use]
pub fn fields(schema: &Schema) -> Vec<Field> {
    let Schema::Struct { name, fields } = inner(schema) else { return Vec::new() };
    fields.iter().map(|(field, schema)| Field { name: field, sort: sort(schema), row: find(name, field) }).collect()
}

/// The structs of a kind that are reached through fields which are honoured, the kind's own first. What is in `told`
/// already is left out, and what is told now is added.
pub fn sections(kind: &Kind, told: &mut BTreeSet<&'static str>) -> Vec<Section> {
    let mut found = Vec::new();
    let mut next = vec![(kind.schema)()];
    while !next.is_empty() {
        let mut below = Vec::new();
        for schema in next {
            let Schema::Struct { name, fields: schemas } = inner(schema) else { continue };
            if !told.insert(name) {
                continue;
            }
            let fields = fields(schema);
            let open = fields.iter().filter(|f| f.is_honoured());
            below.extend(open.filter_map(|f| schemas.get(f.name)));
            found.push(Section { name, fields });
        }
        next = below;
    }
    found
}

/// What a list or map is made of, or the schema itself.
#[must_use]
pub fn inner(schema: &Schema) -> &Schema {
    match schema {
        Schema::List(item) | Schema::Map(item) => inner(item),
        other => other,
    }
}

/// A type as kubectl writes it: `[]Container`, `map[string]string`.
#[must_use]
pub fn sort(schema: &Schema) -> String {
    match schema {
        Schema::Struct { name, .. } => (*name).to_owned(),
        Schema::List(item) => format!("[]{}", sort(item)),
        Schema::Map(item) => format!("map[string]{}", sort(item)),
        Schema::String | Schema::Bytes => "string".to_owned(),
        Schema::Integer => "integer".to_owned(),
        Schema::Number => "number".to_owned(),
        Schema::Boolean => "boolean".to_owned(),
        Schema::IntOrString => "IntOrString".to_owned(),
        Schema::Quantity => "Quantity".to_owned(),
        Schema::Time => "Time".to_owned(),
        Schema::Any => "Object".to_owned(),
    }
}

/// `honoured`, `no effect: there is one node`, `honoured: linux; else refused: containers run on Linux`.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fine = self.fine.iter().map(|v| if v.is_empty() { "\"\"" } else { v }).collect::<Vec<_>>().join(", ");
        match self.rule {
            Rule::Honoured => f.write_str("honoured"),
            Rule::NoEffect(why) => write!(f, "no effect: {why}"),
            Rule::Refused(why) => {
                if !fine.is_empty() {
                    write!(f, "honoured: {fine}; else ")?;
                }
                write!(f, "refused: {}", if why.is_empty() { "not honoured yet" } else { why })
            }
        }
    }
}
