// As much of FTP in active mode as a router must read along with (RFC 959 section 3.2): the client tells over its control
// connection where the server shall open the data connection to.

import { nextLine, linesOf, type TcpEnd, type TcpHost } from './tcp.ts';

/** Connects to whatever address and port a client names, from there on without a further question. */
const serverProgram = `
  const net = require('node:net');
  net.createServer((control) => {
    control.on('error', () => {});
    control.write('220 ready\\r\\n');
    control.on('data', (data) => {
      const port = /^PORT ([\\d,]+)/m.exec(String(data));
      if (port === null) return control.write('331 go on\\r\\n');
      const [a, b, c, d, high, low] = port[1].split(',').map(Number);
      const host = [a, b, c, d].join('.');
      net.connect({ host, port: high * 256 + low, timeout: 1500 }).on('error', () => {}).end('data\\n');
    });
  }).listen(Number(process.argv[1]), '::', () => console.log('listening'));`;

/** Serves on a port in a namespace until the host ends. */
export async function startFtpServer(host: TcpHost, { netns, port }: Omit<TcpEnd, 'address'>): Promise<void> {
  const server = host.spawn([process.execPath, '-e', serverProgram, String(port)], { netns });
  await nextLine(linesOf(server), 'a server that listens');
}

/** Helpers of connection tracking read whole lines, and only what follows one: hence USER before PORT. */
const clientProgram = `
  const net = require('node:net');
  const [address, port] = process.argv.slice(1);
  const end = (text) => { console.log(text); process.exit(); };
  setTimeout(() => end('no data'), 3000);
  const control = net.connect(Number(port), address);
  control.on('error', (error) => end(error.code));
  const data = net.createServer((socket) => socket.on('data', (text) => end(String(text).trim()))).listen(0, '0.0.0.0');
  control.on('data', (line) => {
    if (String(line).startsWith('220')) return control.write('USER anonymous\\r\\n');
    const own = control.localAddress.replaceAll('.', ',');
    const at = data.address().port;
    control.write('PORT ' + [own, at >> 8, at & 255].join(',') + '\\r\\n');
  });`;

/** What comes over the data connection that a client in the namespace asks the server there for, or `no data`. */
export async function fetchByActiveFtp(host: TcpHost, { netns, address, port }: TcpEnd): Promise<string> {
  const { stdout } = await host.run([process.execPath, '-e', clientProgram, address, String(port)], { netns });
  return stdout.trim();
}
