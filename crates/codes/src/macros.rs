//! Two macros that keep the newtypes and the code enums alike.

/// Text traits of an identifier that has `as_str()` and implements `FromStr`.
macro_rules! text_identifier {
    ($type:ty) => {
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }
        serde_as_text!($type);
    };
    // Personal numbers: Debug is masked.
    (personal $type:ty) => {
        text_identifier!($type);
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($type), "({})"), self.masked())
            }
        }
    };
}

/// Serde as the `Display` text; reading goes through `FromStr` and so through all checks.
macro_rules! serde_as_text {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// An enum over one code list: code and label stand together, serde is the code.
macro_rules! code_enum {
    (
        $(#[$meta:meta])*
        $name:ident in $list:literal {
            $( $(#[$vmeta:meta])* $variant:ident = $code:literal $label:literal, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $( #[doc = concat!("`", $code, "` ", $label)] $(#[$vmeta])* $variant, )+
        }

        impl $name {
            /// Every value, in the order of the list.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )+ ];

            /// The code stored and exchanged.
            pub const fn code(self) -> &'static str {
                match self { $( Self::$variant => $code, )+ }
            }

            /// The Chinese label.
            pub const fn label(self) -> &'static str {
                match self { $( Self::$variant => $label, )+ }
            }

            /// The value of a code, if it is in the list.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $( $code => Some(Self::$variant), )+ _ => None }
            }
        }

        impl $crate::codelist::CodeEnum for $name {
            const LIST: &'static str = $list;
            fn all() -> &'static [Self] { Self::ALL }
            fn code(self) -> &'static str { Self::code(self) }
            fn label(self) -> &'static str { Self::label(self) }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.code())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::codelist::UnknownCode;
            fn from_str(code: &str) -> Result<Self, Self::Err> {
                Self::from_code(code.trim())
                    .ok_or_else(|| $crate::codelist::UnknownCode::new($list, code))
            }
        }

        serde_as_text!($name);
    };
}
