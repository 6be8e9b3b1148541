// Takes personal data out of a line. Lines are read as Latin-1, one character for each byte, so that all other bytes
// stay as they are.

const MAIL = /[\w.+-]+@[\w-]+(\.[\w-]+)+/g;
const IPV4 = /(?<![\d.])\d{1,3}(\.\d{1,3}){3}(?![\d.]*\d)/g;
const IPV6 = /(?<![\w:])(?:(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:)+(?::[0-9a-f]{1,4})+)(?![\w:])/gi;
const LOGIN = /\b(user|login)=\S+/g;

/** The line without IP and mail addresses. */
export function scrubAddresses(line) {
  const text = line.toString('latin1');
  return Buffer.from(text.replace(MAIL, '[mail]').replace(IPV6, '[ipv6]').replace(IPV4, '[ipv4]'), 'latin1');
}

/** The line without addresses and logins. */
export function scrub(line) {
  return Buffer.from(scrubAddresses(line).toString('latin1').replace(LOGIN, '$1=[login]'), 'latin1');
}
