//! Start-up: one task that yields once and prints.

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        tokio::task::yield_now().await;
        println!("hello");
    });
}
