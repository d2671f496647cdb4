//! The accept loop, over a real socket.

use std::{sync::Arc, time::Duration};

use axum::{Router, routing::get};
use server::web::serve_connections;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, oneshot},
};

#[tokio::test]
async fn what_is_under_way_is_finished_and_nothing_new_is_taken() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let address = listener.local_addr().expect("an address");
    let begun = Arc::new(Notify::new());
    let slow = {
        let begun = Arc::clone(&begun);
        async move || {
            begun.notify_one();
            tokio::time::sleep(Duration::from_millis(200)).await;
            "finished"
        }
    };
    let router = Router::new().route("/slow", get(slow));
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve_connections(listener, router, async {
        stopped.await.expect("the test says when");
    }));

    let mut idle = TcpStream::connect(address).await.expect("taken");
    let mut busy = TcpStream::connect(address).await.expect("taken");
    busy.write_all(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("sent");
    begun.notified().await;
    stop.send(()).expect("it runs");

    let mut answer = String::new();
    busy.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("finished"), "{answer}");
    server.await.expect("it ends by itself");
    assert_eq!(idle.read(&mut [0; 1]).await.unwrap_or_default(), 0, "a connection without a request is closed");
    assert!(TcpStream::connect(address).await.is_err());
}
