// Random editing histories: several people edit one document, see each other's edits late and in any order, and go offline.
import * as Y from 'yjs'

// A small generator (mulberry32), so that a seed determines everything.
export const randomOf = seed => {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const below = n => Math.floor(next() * n)
  return {
    below,
    chance: p => next() < p,
    of: list => list[below(list.length)],
    shuffle (list) {
      for (let i = list.length - 1; i > 0; i--) {
        const j = below(i + 1)
        ;[list[i], list[j]] = [list[j], list[i]]
      }
      return list
    }
  }
}

const TEXTS = ['a', 'b', ' ', 'hello', 'é', '漢字', '😀', 'x😀y', '👩‍👩‍👧', '\n', 'The quick brown fox. ', '\u0000']
const KEYS = ['k', 'key', 'ключ', '', '__tutti__']

const randomValue = (random, depth = 0) => random.of([
  () => null, () => undefined, () => true, () => false, () => random.below(200) - 100, () => -(2 ** 31) - random.below(9),
  () => random.below(1e9) / 7, () => 0.5, () => 2n ** 60n, () => random.of(TEXTS), () => new Uint8Array([1, 2, random.below(256)]),
  () => depth > 3 ? 0 : [randomValue(random, depth + 1), randomValue(random, depth + 1)],
  () => depth > 3 ? {} : { [random.of(KEYS)]: randomValue(random, depth + 1), z: 1 }
])()

const randomType = random => random.of([
  () => new Y.Map([[random.of(KEYS), random.below(9)]]),
  () => Y.Array.from([1, random.of(TEXTS)]),
  () => new Y.Text(random.of(TEXTS)),
  () => new Y.XmlElement(random.of(['p', 'div'])),
  () => new Y.XmlText(random.of(TEXTS)),
  () => new Y.Map()
])()

const randomItem = (random, peer) => random.chance(0.25)
  ? randomType(random)
  : random.chance(0.05)
    ? new Y.Doc({ guid: 'sub-' + random.below(1e6), meta: { n: random.below(9) }, autoLoad: random.chance(0.3) })
    : peer.plainValue()

// The length of a text in positions: UTF-16 units, and one for each embedded object.
const unitsOf = text => text.toDelta().map(op => typeof op.insert === 'string' ? op.insert : '\ufffc').join('')

const isInsidePair = (units, at) => {
  const code = units.charCodeAt(at)
  return at > 0 && code >= 0xdc00 && code <= 0xdfff
}

const editText = (random, text, style) => {
  const units = unitsOf(text)
  const edge = at => !style.splitsPairs && isInsidePair(units, at) ? at + 1 : at
  const at = edge(random.below(units.length + 1))
  const length = edge(Math.min(units.length, at + random.of([1, 2, 5, 40]))) - at
  switch (random.below(style.formats ? 8 : 5)) {
    case 0: case 1: case 2:
      return text.insert(at, random.of(TEXTS))
    case 3: case 4:
      return length > 0 && text.delete(at, length)
    case 5:
      return length > 0 && text.format(at, length, { [random.of(['bold', 'color'])]: random.of([true, null, 'red']) })
    case 6:
      return text.insertEmbed(at, { image: random.of(TEXTS) })
    case 7:
      return text.insert(at, random.of(TEXTS), { bold: true })
  }
}

const editArray = (random, array, peer) => {
  const at = random.below(array.length + 1)
  if (random.chance(0.65) || at === array.length) {
    array.insert(at, Array.from({ length: 1 + random.below(3) }, () => randomItem(random, peer)))
  } else {
    array.delete(at, Math.min(array.length - at, 1 + random.below(3)))
  }
}

const editMap = (random, map, peer) => {
  const key = random.of(KEYS)
  random.chance(0.75) ? map.set(key, randomItem(random, peer)) : map.delete(key)
}

const editXml = (random, xml) => {
  if (xml instanceof Y.XmlElement && random.chance(0.4)) {
    return random.chance(0.7) ? xml.setAttribute(random.of(['id', 'class']), random.of(TEXTS)) : xml.removeAttribute('id')
  }
  const at = random.below(xml.length + 1)
  if (random.chance(0.7) || at === xml.length) {
    xml.insert(at, [random.chance(0.5) ? new Y.XmlElement(random.of(['p', 'li'])) : new Y.XmlText(random.of(TEXTS))])
  } else {
    xml.delete(at, 1)
  }
}

// Returns a random shared type, up to three levels below a root.
const randomTarget = (random, doc) => {
  let type = random.of([
    () => doc.getText('text'), () => doc.getText('text'), () => doc.getMap('map'), () => doc.getArray('array'),
    () => doc.getXmlFragment('xml')
  ])()
  for (let depth = 0; depth < 3 && random.chance(0.7); depth++) {
    const children = childrenOf(type)
    if (children.length === 0) break
    type = random.of(children)
  }
  return type
}

const childrenOf = type => {
  const all = type instanceof Y.Map
    ? [...type.values()]
    : type instanceof Y.Array || type instanceof Y.XmlFragment ? type.toArray() : []
  return all.filter(child => child instanceof Y.AbstractType)
}

const edit = (random, doc, peer, style) => {
  const type = randomTarget(random, doc)
  if (type instanceof Y.Text) {
    // Yjs cleans up formats by itself in observed types; roots are not observed.
    editText(random, type, { ...style, formats: style.formats && type === doc.get('text') })
  } else if (type instanceof Y.Map) {
    editMap(random, type, peer)
  } else if (type instanceof Y.Array) {
    editArray(random, type, peer)
  } else {
    editXml(random, type)
  }
}

class Peer {
  constructor (random, index, style, history) {
    this.random = random
    this.doc = new Y.Doc({ gc: !(style.keepsDeleted && index === 0) })
    this.doc.clientID = style.longIds ? 2 ** 53 - 1 - random.below(1e6) : index < 2 ? index : random.below(2 ** 32)
    this.seen = new Set()
    this.doc.on('update', (update, origin) => {
      if (origin !== 'remote') {
        this.seen.add(history.updates.length)
        history.updates.push(update)
      }
    })
    this.undo = random.chance(0.4)
      ? new Y.UndoManager([this.doc.getText('text'), this.doc.getMap('map'), this.doc.getArray('array')], { captureTimeout: 0 })
      : null
    this.history = history
  }

  plainValue () {
    const value = randomValue(this.random)
    return value === undefined || typeof value === 'bigint' ? [value] : value // Yjs accepts them only inside others
  }

  act (style) {
    if (this.undo !== null && this.random.chance(0.2)) {
      this.random.chance(0.6) ? this.undo.undo() : this.undo.redo()
      return
    }
    this.doc.transact(() => {
      for (let i = this.random.below(3); i >= 0; i--) edit(this.random, this.doc, this, style)
    })
  }

  // Receives some edits of others, perhaps out of order.
  hear () {
    const unheard = [...this.history.updates.keys()].filter(i => !this.seen.has(i))
    const heard = this.random.chance(0.5) ? unheard : unheard.filter(() => this.random.chance(0.6))
    if (this.random.chance(0.3)) this.random.shuffle(heard)
    for (const i of heard) {
      this.seen.add(i)
      Y.applyUpdate(this.doc, this.history.updates[i], 'remote')
    }
  }
}

// Returns the updates of a history in the order of their arrival at a server.
const deliver = (random, updates, peers, style) => {
  let frames = []
  for (let i = 0; i < updates.length;) {
    const n = random.chance(0.15) ? 1 + random.below(5) : 1
    const group = updates.slice(i, i + n)
    frames.push(group.length > 1 ? Y.mergeUpdates(group) : group[0])
    i += n
  }
  const order = random.below(4)
  if (order === 1) {
    for (let i = 0; i + 4 < frames.length; i += 4) {
      frames.splice(i, 4, ...random.shuffle(frames.slice(i, i + 4)))
    }
  } else if (order === 2) {
    random.shuffle(frames)
  } else if (order === 3) {
    frames = frames.map(frame => [frame, random.below(frames.length)]).sort((a, b) => a[1] - b[1]).map(([frame]) => frame)
  }
  for (let i = random.below(4); i > 0; i--) {
    frames.splice(random.below(frames.length + 1), 0, random.of(frames))
  }
  // A peer that reconnects sends all that a state vector lacks, which may include edits that the server has not received. Yjs itself
  // is inconsistent about a surrogate pair that only one peer has split, so then peers do not.
  for (const peer of style.splitsPairs ? [] : peers) {
    if (random.chance(0.4)) {
      const from = random.chance(0.5) ? undefined : Y.encodeStateVector(random.of(peers).doc)
      frames.splice(random.below(frames.length + 1), 0, Y.encodeStateAsUpdate(peer.doc, from))
    }
  }
  return frames
}

export const makeHistory = (seed, steps) => {
  const random = randomOf(seed)
  const style = {
    splitsPairs: random.chance(0.15),
    formats: random.chance(0.5),
    longIds: random.chance(0.1),
    keepsDeleted: random.chance(0.15)
  }
  const history = { updates: [] }
  const peers = Array.from({ length: 2 + random.below(3) }, (_, i) => new Peer(random, i, style, history))
  for (let i = 0; i < steps; i++) {
    const peer = random.of(peers)
    if (random.chance(0.3)) peer.hear()
    peer.act(style)
  }
  const frames = deliver(random, history.updates, peers, style)
  return { random, updates: history.updates, frames, peers: peers.map(peer => peer.doc) }
}
