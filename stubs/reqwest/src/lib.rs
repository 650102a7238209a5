//! A client that reaches nothing. The FEEL evaluator would post calls of `external` functions to a server on this machine;
//! a decision must not leave its inputs, so every request is an error here, and no TLS library is built for it.

/// The calls that the evaluator makes, and no others.
pub mod blocking {
    use crate::Error;

    /// Sends nothing.
    #[derive(Debug, Default)]
    pub struct Client;

    impl Client {
        /// The only client there is.
        pub fn new() -> Self {
            Self
        }

        /// A request that will not go out.
        pub fn post(&self, _url: &str) -> RequestBuilder {
            RequestBuilder
        }
    }

    /// A request that will not go out.
    #[derive(Debug)]
    pub struct RequestBuilder;

    impl RequestBuilder {
        /// Takes the body and drops it.
        pub fn json<T: serde::Serialize + ?Sized>(self, _body: &T) -> Self {
            self
        }

        /// Always the error.
        pub fn send(self) -> Result<Response, Error> {
            Err(Error)
        }
    }

    /// Never made.
    #[derive(Debug)]
    pub struct Response(());

    impl Response {
        /// Never called, since there is no answer.
        pub fn json<T: serde::de::DeserializeOwned>(self) -> Result<T, Error> {
            Err(Error)
        }
    }
}

/// Why every request fails.
#[derive(Debug)]
pub struct Error;

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("external functions are not called")
    }
}

impl std::error::Error for Error {}
