// Real Yjs behind a pipe. A frame is a length (32 bits, big-endian) and that many bytes; the first byte is the request:
//
//   0 seed steps      creates a history; answers its updates in the order of their arrival, and the state vectors of some peers
//   1 answers         judges the server's answers; answers the errors, empty if none, and two sizes
//
// A list is a count (32 bits) and that many frames.
import * as Y from 'yjs'
import { makeHistory } from './history.mjs'
import { clocksOf, contentOf, differenceOf } from './content.mjs'

let current = null

const frame = bytes => {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(bytes.length)
  return Buffer.concat([head, bytes])
}

const list = items => {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(items.length)
  return Buffer.concat([head, ...items.map(frame)])
}

const readList = bytes => {
  const items = []
  let at = 4
  for (let left = bytes.readUInt32BE(0); left > 0; left--) {
    const length = bytes.readUInt32BE(at)
    items.push(new Uint8Array(bytes.subarray(at + 4, at + 4 + length)))
    at += 4 + length
  }
  return items
}

const read = updates => {
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, update)
  return doc
}

// Yjs may not integrate parked structs although it could, until it receives them again.
const docOf = (...updates) => {
  let doc = read(updates)
  while (doc.store.pendingStructs !== null) {
    const before = clocksOf(Y.encodeStateVector(doc))
    doc = read([Y.encodeStateAsUpdate(doc)])
    if (clocksOf(Y.encodeStateVector(doc)) === before) break
  }
  return doc
}

const begin = (seed, steps) => {
  const history = makeHistory(seed, steps)
  const { random, frames } = history
  const cut = random.below(frames.length + 1)
  // Peers that know a part: the answer of the server must be exactly the missing part.
  const partial = history.peers.map(peer => Y.encodeStateAsUpdate(peer))
  for (let i = 0; i < 3; i++) {
    const known = random.below(history.updates.length + 1)
    partial.push(Y.encodeStateAsUpdate(docOf(...history.updates.slice(0, known))))
  }
  current = { seed, history, cut, partial }
  const head = Buffer.alloc(4)
  head.writeUInt32BE(cut)
  const vectors = partial.map(state => Y.encodeStateVector(docOf(state)))
  return list([head, Buffer.from(list(frames)), Buffer.from(list(vectors))])
}

const judge = answers => {
  const { history, cut, partial } = current
  const [atCut, stored, state, stateVector, merged] = answers
  const [increments, diffs] = answers.slice(5).map(answer => readList(Buffer.from(answer)))
  const faults = []
  const check = (what, actual, expected) => {
    const difference = differenceOf(actual, expected)
    if (difference) faults.push(`${what}: ${difference}`)
  }
  const reference = docOf(...history.frames)
  const loaded = docOf(state)
  check('state', loaded, reference)
  // A parked struct may have arrived as an item and as GC, which is never parked: Tutti keeps the first, Yjs both.
  const part = history.frames.slice(0, cut)
  const partly = docOf(...part)
  // And Yjs may not integrate parked structs although it could; it does when they arrive in one piece.
  if (partly.store.pendingStructs === null) check('the part', docOf(atCut), partly)
  else check('the part', docOf(atCut, ...part), docOf(Y.mergeUpdates(part), ...part))
  check('the part and the rest', docOf(stored, ...history.frames.slice(cut)), reference)
  check('merged', docOf(merged), reference)
  check('what was passed on', docOf(...increments), reference)
  partial.forEach((known, i) => {
    // Not the reference itself: a surrogate pair split on one peer only stays split there.
    const theirs = Y.encodeStateAsUpdate(reference, Y.encodeStateVector(docOf(known)))
    check('diff ' + i, docOf(known, diffs[i]), docOf(known, theirs))
  })
  if (clocksOf(stateVector) !== clocksOf(Y.encodeStateVector(reference))) faults.push('state vector')
  const own = Y.encodeStateAsUpdate(reference)
  const sizes = Buffer.alloc(8)
  sizes.writeUInt32BE(state.length, 0)
  sizes.writeUInt32BE(own.length, 4)
  if (faults.length > 0) {
    faults.push(`${JSON.stringify(contentOf(loaded))}\nexpected\n${JSON.stringify(contentOf(reference))}`)
  }
  return Buffer.concat([sizes, Buffer.from(faults.join('\n'))])
}

const answer = request => {
  if (request[0] === 0) return begin(request.readUInt32BE(1), request.readUInt32BE(5))
  return judge(readList(request.subarray(1)))
}

let received = Buffer.alloc(0)
process.stdin.on('data', chunk => {
  received = Buffer.concat([received, chunk])
  while (received.length >= 4 && received.length >= 4 + received.readUInt32BE(0)) {
    const end = 4 + received.readUInt32BE(0)
    const request = received.subarray(4, end)
    received = received.subarray(end)
    process.stdout.write(frame(answer(request)))
  }
})
process.stdin.on('end', () => process.exit(0))
