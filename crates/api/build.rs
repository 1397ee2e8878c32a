//! A release build embeds the files of the web UI, so it must be made again when they change. A debug build reads them
//! from the folder.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("PROFILE").is_some_and(|profile| profile != "debug") {
        // While the folder is absent cargo counts it as changed each time, so the first build of the UI is noticed.
        println!("cargo::rerun-if-changed=../../console/dist");
    }
}
