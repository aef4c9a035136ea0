//! The echo server on tokio's current_thread runtime, a task a connection.
//!
//! echo PORT     says "listening on PORT" when it is up
//!
//! ECHO_BUFFER sets the bytes of a connection's read buffer.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

async fn serve(mut connection: TcpStream, size: usize) {
    let mut buffer = vec![0u8; size];
    loop {
        match connection.read(&mut buffer).await {
            Ok(got) if got > 0 => {
                if connection.write_all(&buffer[..got]).await.is_err() {
                    return;
                }
            }
            _ => return,
        }
    }
}

async fn listen(port: u16, size: usize) -> std::io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(([127, 0, 0, 1], port).into())?;
    let listener = socket.listen(4096)?;
    println!("listening on {}", listener.local_addr()?.port());
    loop {
        if let Ok((connection, _)) = listener.accept().await {
            connection.set_nodelay(true)?;
            tokio::spawn(serve(connection, size));
        }
    }
}

fn main() {
    let port = std::env::args().nth(1).expect("usage: echo PORT").parse().expect("a port");
    let size = std::env::var("ECHO_BUFFER").map_or(64 * 1024, |text| text.parse().expect("bytes"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(listen(port, size)).unwrap();
}
