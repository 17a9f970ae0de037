//! How orders reach a sandbox: a line on its standard input for them all, and a line on its standard output when they are
//! done.
//!
//! A line whose sum is wrong is what an agent left that died while it wrote: it is passed over, and the next line is
//! read anew. Nothing of a line but its id is ever repeated: what the sandbox says is kept in Docker's log of it.

use super::order::Order;
use crate::api::names;

/// Orders by the names of the volumes.
pub type Orders = Vec<(String, Order)>;

/// The line that carries orders, with a new line before and after it. The id must differ from those of other lines.
///
/// # Panics
/// Never: plain data serialises.
#[must_use]
pub fn frame(id: &str, orders: &Orders) -> String {
    let text = serde_json::to_string(orders).expect("plain data serialises");
    // What an agent left before ends here, whatever it was.
    format!("\n{id} {} {text}\n", sum(id, &text))
}

/// The id and the orders of a line; `None` if it is no whole one.
#[must_use]
pub fn parse(line: &str) -> Option<(&str, Orders)> {
    let (id, rest) = line.trim_end_matches('\n').split_once(' ')?;
    let (sum, text) = rest.split_once(' ')?;
    if sum != self::sum(id, text) {
        return None;
    }
    Some((id, serde_json::from_str(text).ok()?))
}

/// The line that says what became of the orders of that id.
#[must_use]
pub fn answer(id: &str, result: &Result<(), String>) -> String {
    match result {
        Ok(()) => format!("{id} ok\n"),
        Err(error) => format!("{id} error {}\n", error.replace('\n', " ")),
    }
}

/// What the line says about the orders of that id; `None` if it is about others.
#[must_use]
pub fn heard(line: &str, id: &str) -> Option<Result<(), String>> {
    let (told, rest) = line.trim_end().split_once(' ')?;
    let result = if rest == "ok" { Ok(()) } else { Err(rest.strip_prefix("error ").unwrap_or(rest).to_owned()) };
    (told == id).then_some(result)
}

fn sum(id: &str, text: &str) -> String {
    names::digest(format!("{id} {text}").as_bytes(), 16)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::order::{File, Files, Owner};
    use super::*;

    fn orders(content: Vec<u8>) -> Orders {
        let files = Files::from([("a/b".to_owned(), File::new(0o400, content))]);
        let owner = Some(Owner { group: 7, always: true, read_only: true });
        vec![("v".to_owned(), Order { files: Some(files), parts: ["x".to_owned()].into(), owner, demand: None })]
    }

    proptest! {
        #[test]
        fn what_is_sent_is_received_and_nothing_else(content: Vec<u8>, cut: prop::sample::Index) {
            let orders = orders(content);
            let line = frame("7", &orders);
            let (id, received) = parse(&line[1..]).unwrap();
            prop_assert_eq!((id, received), ("7", orders));
            prop_assert_eq!(line.matches('\n').count(), 2, "it is one line");
            let cut = cut.index(line.len() - 2);
            prop_assert_eq!(parse(&line[1..=cut]), None, "a part of it is nothing");
        }
    }

    #[test]
    fn answers_belong_to_their_orders() {
        assert_eq!(heard(&answer("7", &Ok(())), "7"), Some(Ok(())));
        assert_eq!(heard(&answer("7", &Err("a\nb".to_owned())), "7"), Some(Err("a b".to_owned())));
        assert_eq!(heard(&answer("7", &Ok(())), "8"), None);
        assert_eq!(heard("a line of somebody else", "7"), None);
    }
}
