//! Counters and histograms in the text form of Prometheus, without a library: names and labels are ours, so the set of
//! series is bounded by the program (route templates, never paths).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds of the time histogram, in seconds.
const BUCKETS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
/// More series than a sound program has; further ones are dropped.
const MAX_SERIES: usize = 5_000;

type Labels = Vec<(&'static str, String)>;

#[derive(Default)]
struct Histogram {
    buckets: [u64; BUCKETS.len()],
    count: u64,
    seconds: f64,
}

#[derive(Default)]
struct Family {
    help: &'static str,
    gauge: bool,
    numbers: BTreeMap<Labels, f64>,
    histograms: BTreeMap<Labels, Histogram>,
}

/// All series of this process; cheap to clone.
#[derive(Clone, Default)]
pub struct Metrics(Arc<Mutex<BTreeMap<&'static str, Family>>>);

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// No series yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn family<T>(
        &self,
        name: &'static str,
        help: &'static str,
        change: impl FnOnce(&mut Family) -> T,
    ) -> T {
        let mut families = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let family = families.entry(name).or_default();
        family.help = help;
        change(family)
    }

    /// Counts `by` more. `name` ends in `_total`.
    pub fn count(
        &self,
        name: &'static str,
        help: &'static str,
        labels: &[(&'static str, &str)],
        by: u64,
    ) {
        self.family(name, help, |family| {
            if let Some(value) = slot(&mut family.numbers, labels) {
                *value += by as f64;
            }
        });
    }

    /// Sets a value that goes up and down.
    pub fn gauge(
        &self,
        name: &'static str,
        help: &'static str,
        labels: &[(&'static str, &str)],
        value: f64,
    ) {
        self.family(name, help, |family| {
            family.gauge = true;
            if let Some(slot) = slot(&mut family.numbers, labels) {
                *slot = value;
            }
        });
    }

    /// Adds one duration. `name` ends in `_seconds`.
    pub fn time(
        &self,
        name: &'static str,
        help: &'static str,
        labels: &[(&'static str, &str)],
        took: Duration,
    ) {
        let seconds = took.as_secs_f64();
        self.family(name, help, |family| {
            let Some(histogram) = slot(&mut family.histograms, labels) else {
                return;
            };
            histogram.count += 1;
            histogram.seconds += seconds;
            for (bucket, bound) in histogram.buckets.iter_mut().zip(BUCKETS) {
                *bucket += u64::from(seconds <= bound);
            }
        });
    }

    /// One HTTP request; `route` is the template.
    pub(crate) fn request(&self, method: &str, route: &str, status: u16, took: Duration) {
        let method = if matches!(method, "GET" | "POST" | "HEAD" | "PUT" | "PATCH" | "DELETE") {
            method
        } else {
            "OTHER"
        };
        let labels = [
            ("method", method),
            ("route", route),
            ("status", &status.to_string()),
        ];
        self.count("http_requests_total", "Requests answered.", &labels, 1);
        let labels = [("route", route)];
        self.time(
            "http_request_duration_seconds",
            "Time until the answer was ready.",
            &labels,
            took,
        );
    }

    /// The exposition text (version 0.0.4).
    pub fn text(&self) -> String {
        let families = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = String::new();
        for (name, family) in &*families {
            let kind = match (family.histograms.is_empty(), family.gauge) {
                (false, _) => "histogram",
                (true, true) => "gauge",
                (true, false) => "counter",
            };
            // Writing to a string cannot fail.
            let _ = writeln!(out, "# HELP {name} {}\n# TYPE {name} {kind}", family.help);
            for (labels, value) in &family.numbers {
                let _ = writeln!(out, "{name}{} {value}", braces(labels, None));
            }
            for (labels, histogram) in &family.histograms {
                for (bucket, bound) in histogram.buckets.iter().zip(BUCKETS) {
                    let _ = writeln!(
                        out,
                        "{name}_bucket{} {bucket}",
                        braces(labels, Some(&bound.to_string()))
                    );
                }
                let _ = writeln!(
                    out,
                    "{name}_bucket{} {}",
                    braces(labels, Some("+Inf")),
                    histogram.count
                );
                let _ = writeln!(
                    out,
                    "{name}_sum{} {}",
                    braces(labels, None),
                    histogram.seconds
                );
                let _ = writeln!(
                    out,
                    "{name}_count{} {}",
                    braces(labels, None),
                    histogram.count
                );
            }
        }
        out
    }
}

fn slot<'a, T: Default>(
    series: &'a mut BTreeMap<Labels, T>,
    labels: &[(&'static str, &str)],
) -> Option<&'a mut T> {
    let labels: Labels = labels
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    if series.len() >= MAX_SERIES && !series.contains_key(&labels) {
        return None;
    }
    Some(series.entry(labels).or_default())
}

fn braces(labels: &Labels, le: Option<&str>) -> String {
    let escape = |value: &str| {
        value
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n")
    };
    let mut parts: Vec<String> = labels
        .iter()
        .map(|(name, value)| format!("{name}=\"{}\"", escape(value)))
        .collect();
    parts.extend(le.map(|bound| format!("le=\"{bound}\"")));
    if parts.is_empty() {
        String::new()
    } else {
        format!("{{{}}}", parts.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_is_what_prometheus_reads() {
        let metrics = Metrics::new();
        metrics.request("GET", "/cases/{number}", 200, Duration::from_millis(30));
        metrics.request("GET", "/cases/{number}", 200, Duration::from_millis(300));
        metrics.count("odd_total", "Odd.", &[("v", "a\"b\\c\nd")], 2);
        metrics.gauge("queue_length", "Waiting.", &[], 7.0);
        let text = metrics.text();
        for line in [
            "# TYPE http_request_duration_seconds histogram",
            "http_request_duration_seconds_bucket{route=\"/cases/{number}\",le=\"0.05\"} 1",
            "http_request_duration_seconds_bucket{route=\"/cases/{number}\",le=\"+Inf\"} 2",
            "http_request_duration_seconds_count{route=\"/cases/{number}\"} 2",
            "http_requests_total{method=\"GET\",route=\"/cases/{number}\",status=\"200\"} 2",
            "odd_total{v=\"a\\\"b\\\\c\\nd\"} 2",
            "# TYPE queue_length gauge",
            "queue_length 7",
        ] {
            assert!(text.lines().any(|have| have == line), "{line}\n{text}");
        }
    }

    #[test]
    fn series_are_bounded() {
        let metrics = Metrics::new();
        for n in 0..MAX_SERIES + 50 {
            metrics.count("x_total", "X.", &[("n", &n.to_string())], 1);
        }
        assert_eq!(
            metrics
                .text()
                .lines()
                .filter(|line| line.starts_with("x_total"))
                .count(),
            MAX_SERIES
        );
    }
}
