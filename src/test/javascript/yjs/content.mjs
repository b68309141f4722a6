// Returns the content of a document, and compares two.
import * as Y from 'yjs'

const view = value => {
  if (value instanceof Y.Text) return { text: value.toDelta().map(op => ({ ...op, insert: view(op.insert) })), ...attributes(value) }
  if (value instanceof Y.XmlElement) return { xml: value.nodeName, ...attributes(value), children: value.toArray().map(view) }
  if (value instanceof Y.XmlFragment) return { children: value.toArray().map(view) }
  if (value instanceof Y.Map) return { map: [...value.entries()].sort().map(([key, child]) => [key, view(child)]) }
  if (value instanceof Y.Array) return { array: value.toArray().map(view) }
  if (value instanceof Y.Doc) return { doc: value.guid, meta: value.meta, autoLoad: value.autoLoad }
  if (value instanceof Uint8Array) return { bytes: [...value] }
  if (typeof value === 'bigint') return { bigint: String(value) }
  if (value === undefined) return { undefined: true }
  if (Array.isArray(value)) return value.map(view)
  if (value !== null && typeof value === 'object') return Object.entries(value).map(([key, child]) => [key, view(child)])
  return value
}

const attributes = type => ({ attributes: Object.entries(type.getAttributes()).sort().map(([key, child]) => [key, view(child)]) })

export const contentOf = doc => view([doc.getText('text'), doc.getMap('map'), doc.getArray('array'), doc.getXmlFragment('xml')])

export const clocksOf = stateVector => JSON.stringify([...Y.decodeStateVector(stateVector)].sort((a, b) => a[0] - b[0]))

// Reads the structs before the content: reading a type makes Yjs clean it up with the next update.
export const differenceOf = (actual, expected) => {
  const snapshots = [actual, expected].map(doc => Y.snapshot(doc))
  const clocks = [actual, expected].map(doc => clocksOf(Y.encodeStateVector(doc)))
  if (clocks[0] !== clocks[1]) return `clocks ${clocks[0]}, expected ${clocks[1]}`
  if (!Y.equalSnapshots(...snapshots)) return 'other deletes'
  const [left, right] = [actual, expected].map(doc => JSON.stringify(contentOf(doc)))
  return left === right ? '' : 'other content'
}
