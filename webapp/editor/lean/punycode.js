/* Replaces `punycode.js`: the browser knows how to write host names. Encoded ones stay so, because a decoded one may look like another. */

export default {
  toASCII: host => new URL(`http://${host}`).hostname, // throws if it is no host name, which markdown-it expects
  toUnicode: host => host,
};
