//! Labels and selectors. <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/>

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

/// The labels of an object.
pub type Labels = BTreeMap<String, String>;

/// Whether the labels have all pairs of an equality selector; an empty selector matches everything.
#[must_use]
pub fn has_all(labels: Option<&Labels>, pairs: &Labels) -> bool {
    pairs.iter().all(|(name, value)| labels.and_then(|l| l.get(name)) == Some(value))
}

/// Whether a label selector matches; an empty selector matches everything.
#[must_use]
pub fn matches(selector: &LabelSelector, labels: Option<&Labels>) -> bool {
    let pairs = selector.match_labels.as_ref().is_none_or(|pairs| has_all(labels, pairs));
    pairs && selector.match_expressions.iter().flatten().all(|r| fulfils(r, labels))
}

fn fulfils(requirement: &LabelSelectorRequirement, labels: Option<&Labels>) -> bool {
    let value = labels.and_then(|l| l.get(&requirement.key));
    let listed = || value.is_some_and(|v| requirement.values.iter().flatten().any(|x| x == v));
    match requirement.operator.as_str() {
        "In" => listed(),
        "NotIn" => !listed(),
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        _ => false,
    }
}

/// Parses a selector as `-l` takes it: `a=b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, joined by commas.
///
/// # Errors
/// What is wrong with the text.
pub fn parse(text: &str) -> Result<LabelSelector, String> {
    let mut selector = LabelSelector::default();
    for term in split_terms(text) {
        let requirement = parse_term(term).ok_or_else(|| format!("\"{term}\" is not a label selector"))?;
        selector.match_expressions.get_or_insert_default().push(requirement);
    }
    Ok(selector)
}

/// Splits at commas outside parentheses.
fn split_terms(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    text.split(move |c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    })
    .map(str::trim)
    .filter(|term| !term.is_empty())
}

fn parse_term(term: &str) -> Option<LabelSelectorRequirement> {
    let make = |key: &str, operator: &str, values: Option<Vec<String>>| {
        let key = key.trim();
        let fit = !key.is_empty() && !key.contains(char::is_whitespace);
        fit.then(|| LabelSelectorRequirement { key: key.to_owned(), operator: operator.to_owned(), values })
    };
    let one = |value: &str| Some(vec![value.trim().to_owned()]);
    if let Some((key, value)) = term.split_once("!=") {
        return make(key, "NotIn", one(value));
    }
    if let Some((key, value)) = term.split_once('=') {
        return make(key, "In", one(value.strip_prefix('=').unwrap_or(value)));
    }
    if let Some(key) = term.strip_prefix('!') {
        return make(key, "DoesNotExist", None);
    }
    if let Some((head, list)) = term.strip_suffix(')').and_then(|t| t.split_once('(')) {
        let values = Some(list.split(',').map(|v| v.trim().to_owned()).collect());
        let (key, word) = head.trim().rsplit_once(char::is_whitespace)?;
        return match word {
            "in" => make(key, "In", values),
            "notin" => make(key, "NotIn", values),
            _ => None,
        };
    }
    make(term, "Exists", None)
}
