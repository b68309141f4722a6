// Receives webhooks, verifies them with the stock library and the secret in its argument, and prints its port, then a line for each request.
// It answers 503 until its input has a line, and 400 to a request with a wrong signature. It ends with its input.
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { Webhook } from 'standardwebhooks'

const webhook = new Webhook(process.argv[2])
let isUp = false

createInterface({ input: process.stdin })
  .on('line', () => { isUp = true })
  .on('close', () => process.exit())

const server = createServer((request, response) => {
  const parts = []
  request.on('data', part => parts.push(part))
  request.on('end', () => {
    const result = { id: request.headers['webhook-id'], status: isUp ? 204 : 503 }
    if (isUp) {
      try {
        result.event = webhook.verify(Buffer.concat(parts).toString(), request.headers)
      } catch (error) {
        result.status = 400
        result.fault = String(error)
      }
    }
    console.log(JSON.stringify(result))
    response.writeHead(result.status).end()
  })
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
