//! One field of a schedule: the numbers that it names, in the words of Kubernetes' parser where it names none.
//! <https://github.com/robfig/cron/blob/v3.0.1/parser.go>

/// The numbers that a field may have, and names for some of them.
pub struct Bounds {
    pub first: u32,
    pub last: u32,
    pub names: &'static [&'static str],
    /// The number of the first name.
    pub named_from: u32,
}

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

pub const MINUTE: Bounds = Bounds { first: 0, last: 59, names: &[], named_from: 0 };
pub const HOUR: Bounds = Bounds { first: 0, last: 23, names: &[], named_from: 0 };
pub const DAY: Bounds = Bounds { first: 1, last: 31, names: &[], named_from: 0 };
pub const MONTH: Bounds = Bounds { first: 1, last: 12, names: MONTHS, named_from: 1 };
pub const WEEKDAY: Bounds = Bounds { first: 0, last: 6, names: DAYS, named_from: 0 };

/// The numbers of one field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Field {
    bits: u64,
    /// Whether it was left open, `*`: what matters where days are given in two ways.
    pub open: bool,
}

impl Field {
    /// Whether the number is one of them.
    pub const fn has(self, number: u32) -> bool {
        number < 64 && self.bits & (1 << number) != 0
    }

    /// Reads a list of ranges: `*/15`, `1-5`, `mon,wed`, `10-40/10`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str, bounds: &Bounds) -> Result<Self, String> {
        let mut field = Self::default();
        for part in text.split(',').filter(|p| !p.is_empty()) {
            let (bits, open) = range(part, bounds)?;
            field.bits |= bits;
            field.open |= open;
        }
        Ok(field)
    }
}

fn range(text: &str, bounds: &Bounds) -> Result<(u64, bool), String> {
    let by_step: Vec<&str> = text.split('/').collect();
    let ends: Vec<&str> = by_step[0].split('-').collect();
    let all = matches!(ends[0], "*" | "?");
    let (first, mut last) = match ends.as_slice() {
        _ if all => (bounds.first, bounds.last),
        [one] => number(one, bounds).map(|n| (n, n))?,
        [first, last] => (number(first, bounds)?, number(last, bounds)?),
        _ => return Err(format!("too many hyphens: {text}")),
    };
    let step = match by_step.as_slice() {
        [_] => 1,
        [_, step] => {
            // `5/15` begins at 5 and goes on to the end.
            if ends.len() == 1 && !all {
                last = bounds.last;
            }
            integer(step)?
        }
        _ => return Err(format!("too many slashes: {text}")),
    };
    if first < bounds.first {
        return Err(format!("beginning of range ({first}) below minimum ({}): {text}", bounds.first));
    }
    if last > bounds.last {
        return Err(format!("end of range ({last}) above maximum ({}): {text}", bounds.last));
    }
    if first > last {
        return Err(format!("beginning of range ({first}) beyond end of range ({last}): {text}"));
    }
    if step == 0 {
        return Err(format!("step of range should be a positive number: {text}"));
    }
    let step = usize::try_from(step).unwrap_or(usize::MAX);
    let bits = (first..=last).step_by(step).fold(0, |bits, n| bits | 1 << n);
    Ok((bits, all && step == 1))
}

fn number(text: &str, bounds: &Bounds) -> Result<u32, String> {
    let lower = text.to_ascii_lowercase();
    match (bounds.named_from..).zip(bounds.names).find(|(_, name)| **name == lower) {
        Some((number, _)) => Ok(number),
        None => integer(text),
    }
}

fn integer(text: &str) -> Result<u32, String> {
    let bad = || format!("failed to parse int from {text}: strconv.Atoi: parsing {text:?}: invalid syntax");
    match text.parse::<i64>().map_err(|_| bad())? {
        negative if negative < 0 => Err(format!("negative number ({negative}) not allowed: {text}")),
        number => u32::try_from(number).map_err(|_| bad()),
    }
}
