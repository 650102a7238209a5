//! What may stand for a `{ $variable }`: texts and numbers, by reference or by value, because templates pass references.

use std::borrow::Cow;

use fluent_bundle::FluentValue;

/// A value for a variable of a text.
pub trait Arg {
    /// The value as Fluent knows it; numbers choose plural forms.
    fn to_fluent(&self) -> FluentValue<'static>;
}

impl<T: Arg + ?Sized> Arg for &T {
    fn to_fluent(&self) -> FluentValue<'static> {
        (**self).to_fluent()
    }
}

impl Arg for str {
    fn to_fluent(&self) -> FluentValue<'static> {
        FluentValue::String(Cow::Owned(self.to_owned()))
    }
}

impl Arg for String {
    fn to_fluent(&self) -> FluentValue<'static> {
        self.as_str().to_fluent()
    }
}

impl Arg for Cow<'_, str> {
    fn to_fluent(&self) -> FluentValue<'static> {
        (**self).to_fluent()
    }
}

macro_rules! numbers {
    ($($kind:ty),+) => {$(
        impl Arg for $kind {
            fn to_fluent(&self) -> FluentValue<'static> {
                FluentValue::from(*self)
            }
        }
    )+};
}
numbers!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize, f32, f64);
