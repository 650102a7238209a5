//! What the file says about steps that a system of the organ owns (分建), and about services.

use super::{Definition, Kind};

/// How the service of an outside system begins; behind it its code, what it may set and what it may see, parted by `|`.
pub(crate) const SYSTEM_SERVICE: &str = "system:";

/// A step that an outside system owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// Its code, under which the installation knows it.
    pub system: String,
    /// The variables that its report may set.
    pub sets: Vec<String>,
    /// The fields of the application that it may see; `*`: all.
    pub shows: Vec<String>,
}

impl Outside {
    /// Of the service of a service task; `None` for services of the platform.
    #[must_use]
    pub fn of_service(service: &str) -> Option<Self> {
        let mut parts = service.strip_prefix(SYSTEM_SERVICE)?.split('|');
        let system = parts.next()?.to_owned();
        let mut names = || {
            let names = parts.next().unwrap_or_default().split(',');
            let names = names.filter(|name| !name.is_empty());
            names.map(str::to_owned).collect()
        };
        Some(Self {
            system,
            sets: names(),
            shows: names(),
        })
    }
}

impl Definition {
    /// The outside system that owns this user task or service task.
    #[must_use]
    pub fn outside_of(&self, id: &str) -> Option<Outside> {
        match &self.node(self.index_of(id)?).kind {
            Kind::User(user) => Some(Outside {
                system: user.system.as_ref()?.to_string(),
                sets: user.sets.iter().map(ToString::to_string).collect(),
                shows: user.shows.iter().map(ToString::to_string).collect(),
            }),
            Kind::Service(service) => Outside::of_service(service),
            _ => None,
        }
    }

    /// The service that this service task asks.
    #[must_use]
    pub fn service_of(&self, id: &str) -> Option<&str> {
        match &self.node(self.index_of(id)?).kind {
            Kind::Service(service) => Some(service),
            _ => None,
        }
    }
}
