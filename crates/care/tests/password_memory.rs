//! What signing in leaves behind in memory. Alone in its program, for the memory of the whole program is looked at.

#![cfg(all(target_os = "linux", target_env = "gnu"))]

use care::password;

/// Resident memory in MiB.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<usize>().ok()? / 1024)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_morning_of_sign_ins_keeps_no_memory() {
    let stored = password::hash("una frase larga".to_owned()).await.unwrap();
    let before = resident().unwrap();
    for _ in 0..3 {
        let many: Vec<_> = (0..24)
            .map(|_| tokio::spawn(password::verify("una frase larga".to_owned(), stored.clone())))
            .collect();
        for one in many {
            assert!(one.await.unwrap().unwrap());
        }
    }
    let after = resident().unwrap();
    assert!(after < before + 40, "{before} MiB before, {after} MiB after");
}
