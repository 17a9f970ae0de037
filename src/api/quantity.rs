//! Quantities such as `500m`, `64Mi`, `1e3`. <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>

/// A quantity in thousandths of its unit, rounded up: `500m` is 500, `1` is 1000, `1Ki` is 1,024,000.
///
/// # Errors
/// If the text is no quantity.
pub fn milli(text: &str) -> Result<i128, String> {
    let bad = || format!("\"{text}\" is not a quantity such as 500m, 2 or 64Mi");
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '+' | '-'))).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let (negative, number) = (number.starts_with('-'), number.trim_start_matches(['+', '-']));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.len() > 18 || whole.len() > 18 {
        return Err(bad());
    }
    let digits: i128 = format!("{whole}{fraction}").parse().map_err(|_| bad())?;
    let (mut top, mut bottom) = scale(unit).ok_or_else(bad)?;
    bottom *= 10_i128.pow(u32::try_from(fraction.len()).map_err(|_| bad())?);
    top = top.checked_mul(digits).ok_or_else(bad)?;
    let milli = (top + bottom - 1) / bottom;
    Ok(if negative { -milli } else { milli })
}

/// A quantity in whole units, rounded up: bytes, or cores.
///
/// # Errors
/// If the text is no quantity, or too large for 64 bits.
pub fn units(text: &str) -> Result<i64, String> {
    i64::try_from((milli(text)? + 999).div_euclid(1000)).map_err(|_| format!("\"{text}\" is too large"))
}

/// The unit's factor to thousandths, as a fraction.
fn scale(unit: &str) -> Option<(i128, i128)> {
    let binary = |power: u32| Some((1000 * 1024_i128.pow(power), 1));
    let decimal = |power: i32| {
        let tens = 10_i128.pow(power.unsigned_abs());
        Some(if power < 0 { (1000, tens) } else { (1000 * tens, 1) })
    };
    match unit {
        "n" => decimal(-9),
        "u" => decimal(-6),
        "m" => decimal(-3),
        "" => decimal(0),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(1),
        "Mi" => binary(2),
        "Gi" => binary(3),
        "Ti" => binary(4),
        "Pi" => binary(5),
        "Ei" => binary(6),
        _ => {
            let exponent: i32 = unit.strip_prefix(['e', 'E'])?.parse().ok()?;
            (-18..=18).contains(&exponent).then(|| decimal(exponent)).flatten()
        }
    }
}
