//! A number as the contract writes it: finite ones as JSON numbers, the others as the strings
//! `"NaN"`, `"Infinity"` and `"-Infinity"`.

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A measured value. `null` in JSON is not a `Real`: "not there" is `Option<Real>`.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Real(pub f64);

impl Real {
    /// The value of a 32-bit measurement in its shortest decimal form, so that a loss of `0.1_f32` is written `0.1`.
    pub fn shortest(value: f32) -> Self {
        if value.is_finite() { Self(value.to_string().parse().unwrap_or(f64::from(value))) } else { Self(value.into()) }
    }

    /// The plain number.
    pub fn get(self) -> f64 {
        self.0
    }

    /// Whether the number is neither NaN nor infinite.
    pub fn is_finite(self) -> bool {
        self.0.is_finite()
    }
}

impl From<f64> for Real {
    fn from(value: f64) -> Self {
        Self(value)
    }
}

impl From<Real> for f64 {
    fn from(value: Real) -> Self {
        value.0
    }
}

impl Serialize for Real {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            value if value.is_finite() => serializer.serialize_f64(value),
            value if value.is_nan() => serializer.serialize_str("NaN"),
            value if value > 0.0 => serializer.serialize_str("Infinity"),
            _ => serializer.serialize_str("-Infinity"),
        }
    }
}

impl<'de> Deserialize<'de> for Real {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RealVisitor;
        impl Visitor<'_> for RealVisitor {
            type Value = Real;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, \"NaN\", \"Infinity\" or \"-Infinity\"")
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Real, E> {
                Ok(Real(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Real, E> {
                Ok(Real(value as f64))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Real, E> {
                Ok(Real(value as f64))
            }
            fn visit_str<E: de::Error>(self, value: &str) -> Result<Real, E> {
                match value {
                    "NaN" => Ok(Real(f64::NAN)),
                    "Infinity" => Ok(Real(f64::INFINITY)),
                    "-Infinity" => Ok(Real(f64::NEG_INFINITY)),
                    other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
                }
            }
        }
        deserializer.deserialize_any(RealVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn non_finite_numbers_are_strings_and_come_back() {
        let values = vec![Some(Real(0.5)), None, Some(Real(f64::NAN)), Some(Real(f64::NEG_INFINITY))];
        let text = serde_json::to_string(&values).unwrap();
        assert_eq!(text, r#"[0.5,null,"NaN","-Infinity"]"#);
        let back: Vec<Option<Real>> = serde_json::from_str(&text).unwrap();
        assert!(back[2].unwrap().0.is_nan());
        assert_eq!(back[3].unwrap().0, f64::NEG_INFINITY);
    }

    #[test]
    fn a_32_bit_number_is_written_short_and_is_the_same_32_bit_number() {
        for value in [0.1_f32, 1.0 / 3.0, 1e-30, f32::MAX, -0.0] {
            let real = Real::shortest(value);
            assert_eq!(real.0 as f32, value);
            assert!(
                serde_json::to_string(&real).unwrap().len() <= serde_json::to_string(&f64::from(value)).unwrap().len()
            );
        }
    }
}
