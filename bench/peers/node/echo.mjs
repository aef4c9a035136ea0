// The echo server on node:net, or on node:tls when a certificate is given.
// echo.mjs [CERTIFICATE_AND_KEY] PORT     says "listening on PORT" when it is up
import fs from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';

const port = +process.argv.at(-1);
const identity = process.argv.length > 3 ? fs.readFileSync(process.argv[2]) : null;

function echo(socket) {
  socket.on('data', data => socket.write(data));
  socket.on('error', () => {}); // the load breaks its connections off
}

const server = identity
  ? tls.createServer({ cert: identity, key: identity, noDelay: true }, echo)
  : net.createServer({ noDelay: true }, echo);
server.on('tlsClientError', () => {});
server.listen({ port, host: '127.0.0.1', backlog: 4096 }, () => {
  console.log(`listening on ${server.address().port}`);
});
