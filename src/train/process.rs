//! What the system tells of this process: memory, processor time, threads.
//!
//! Owns reading `/proc`; elsewhere the answer is "not known". It must not measure training.

use std::fs;
use std::time::Duration;

/// Ticks a second in `/proc/PID/stat`: fixed by Linux's interface to programs on every architecture that Rust builds for.
const TICKS: u64 = 100;

/// Resident bytes; `None` where the system does not tell.
pub fn resident_bytes() -> Option<u64> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    resident_in(&fs::read_to_string("/proc/self/status").ok()?)
}

/// Processor time of all threads so far, also of those that have ended; `None` where the system does not tell.
pub fn processor_time() -> Option<Duration> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    // Names are bytes of any kind.
    processor_in(&String::from_utf8_lossy(&fs::read("/proc/self/stat").ok()?))
}

/// Threads that a large operation on tensors may use: what the thread pool is told, else the cores of this process.
pub fn threads() -> Option<usize> {
    let told = std::env::var("RAYON_NUM_THREADS").ok().and_then(|text| text.parse().ok());
    told.filter(|threads| *threads > 0).or_else(|| std::thread::available_parallelism().ok().map(usize::from))
}

fn resident_in(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

fn processor_in(stat: &str) -> Option<Duration> {
    // The second field is the program's name in brackets, which may hold blanks and brackets itself.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace().skip(11).map(str::parse::<u64>);
    let (user, system) = (fields.next()?.ok()?, fields.next()?.ok()?);
    let ticks = user.checked_add(system)?;
    Some(Duration::from_millis(ticks.checked_mul(1000 / TICKS)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linux_tells_memory_and_time_in_words() {
        assert_eq!(resident_in("Name:\tx\nVmHWM:\t  20 kB\nVmRSS:\t   12345 kB\n"), Some(12345 * 1024));
        assert_eq!(resident_in("Name:\tx\n"), None);
        assert_eq!(resident_in("VmRSS: 1 MB\n"), None);
        let stat = "12 (a) b) c) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 1 0";
        assert_eq!(processor_in(stat), Some(Duration::from_secs(3)));
        for wrong in [
            "",
            "12 (a",
            "12 (a) S 1 2",
            "1 (a) S 1 2 3 4 5 6 7 8 9 10 x 50",
            &format!("() S {}", "18446744073709551615 ".repeat(14)),
        ] {
            assert_eq!(processor_in(wrong), None, "{wrong}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_has_memory_and_uses_time() {
        assert!(resident_bytes().is_some_and(|bytes| bytes > 100_000));
        let before = processor_time().unwrap();
        let mut sum = 0_u64;
        while processor_time().unwrap() == before {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
    }
}
