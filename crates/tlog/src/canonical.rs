//! Canonical JSON (RFC 8785): one byte form per value, so that a salted digest is reproducible.

use std::fmt::Write;

use serde_json::Value;

use crate::error::{Result, TlogError};

/// Deepest nesting accepted in a field value.
const DEPTH_MAX: usize = 32;
/// Integers beyond this are not exact in IEEE 754 and so have no canonical form (RFC 8785 §3.2.2.3).
const INTEGER_MAX: u64 = (1 << 53) - 1;

/// Canonical text of a value. Refuses integers beyond 2⁵³−1 and nesting beyond 32.
pub fn to_canonical(value: &Value) -> Result<String> {
    let mut out = String::new();
    write_value(&mut out, value, 0)?;
    Ok(out)
}

fn write_value(out: &mut String, value: &Value, depth: usize) -> Result<()> {
    if depth > DEPTH_MAX {
        return Err(TlogError::Field("嵌套过深".into()));
    }
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::String(text) => write_string(out, text),
        Value::Number(number) => write_number(out, number)?,
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_value(out, item, depth + 1)?;
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut members: Vec<_> = map.iter().collect();
            // RFC 8785 §3.2.3 sorts by UTF-16 code units, which differs from UTF-8 order.
            members.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16()));
            out.push('{');
            for (i, (name, item)) in members.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_string(out, name);
                out.push(':');
                write_value(out, item, depth + 1)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{9}' => out.push_str("\\t"),
            '\u{a}' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\u{d}' => out.push_str("\\r"),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

fn write_number(out: &mut String, number: &serde_json::Number) -> Result<()> {
    let refused = || TlogError::Field(format!("数值 {number} 没有规范形式"));
    if let Some(n) = number.as_u64() {
        if n > INTEGER_MAX {
            return Err(refused());
        }
        let _ = write!(out, "{n}");
    } else if let Some(n) = number.as_i64() {
        if n.unsigned_abs() > INTEGER_MAX {
            return Err(refused());
        }
        let _ = write!(out, "{n}");
    } else {
        let x = number
            .as_f64()
            .filter(|x| x.is_finite())
            .ok_or_else(refused)?;
        write_double(out, x);
    }
    Ok(())
}

/// ECMAScript Number::toString: shortest digits that round-trip, plain between 1e-6 and 1e21.
fn write_double(out: &mut String, x: f64) {
    if x == 0.0 {
        out.push('0');
        return;
    }
    let text = format!("{:e}", x.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let point = exponent.parse::<i32>().unwrap_or(0) + 1;
    let count = digits.len() as i32;
    if x < 0.0 {
        out.push('-');
    }
    if (count..=21).contains(&point) {
        out.push_str(&digits);
        out.extend(std::iter::repeat_n('0', (point - count) as usize));
    } else if (1..=21).contains(&point) {
        let (whole, part) = digits.split_at(point as usize);
        let _ = write!(out, "{whole}.{part}");
    } else if (-5..=0).contains(&point) {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', (-point) as usize));
        out.push_str(&digits);
    } else {
        let (first, rest) = digits.split_at(1);
        let dot = if rest.is_empty() { "" } else { "." };
        let sign = if point > 0 { '+' } else { '-' };
        let _ = write!(out, "{first}{dot}{rest}e{sign}{}", (point - 1).abs());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canon(json: &str) -> String {
        to_canonical(&serde_json::from_str(json).unwrap()).unwrap()
    }

    #[test]
    fn numbers_take_the_ecmascript_form() {
        // RFC 8785 appendix B and §3.2.2.
        for (input, output) in [
            ("333333333.33333329", "333333333.3333333"),
            ("1E30", "1e+30"),
            ("4.50", "4.5"),
            ("2e-3", "0.002"),
            ("0.000000000000000000000000001", "1e-27"),
            ("-0.0", "0"),
            ("5e-324", "5e-324"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("9.999999999999997e22", "9.999999999999997e+22"),
            ("1e21", "1e+21"),
            ("999999999999999900000.0", "999999999999999900000"),
            ("0.000001", "0.000001"),
            ("1e-7", "1e-7"),
            ("-1234567890", "-1234567890"),
            ("9007199254740991", "9007199254740991"),
        ] {
            assert_eq!(canon(input), output);
        }
        assert!(to_canonical(&serde_json::json!(9_007_199_254_740_992_u64)).is_err());
    }

    #[test]
    fn members_sort_by_utf16_and_strings_escape_minimally() {
        // RFC 8785 §3.2.3: the emoji's surrogate pair sorts before U+FB33.
        assert_eq!(
            canon("{\"\\ufb33\":1,\"\\ud83d\\ude00\":2,\"\\u20ac\":3,\"\\r\":4,\"1\":5}"),
            "{\"\\r\":4,\"1\":5,\"\u{20ac}\":3,\"\u{1f600}\":2,\"\u{fb33}\":1}"
        );
        assert_eq!(
            canon("\"\\u20ac$\\u000f\\nA'B\\\"\\\\\\/\""),
            "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\/\""
        );
    }

    #[test]
    fn deep_values_are_refused() {
        let mut value = Value::Null;
        for _ in 0..100 {
            value = Value::Array(vec![value]);
        }
        assert!(to_canonical(&value).is_err());
    }
}
