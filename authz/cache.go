package authz

import (
	"hash/maphash"
	"sync"
)

// compiled holds the policies compiled lately, by text.
var compiled policyCache

// policyCache is bounded: each shard keeps two generations, and when the younger one is full the older one is dropped.
// What is in use moves to the younger one.
type policyCache struct {
	shards [16]struct {
		sync.RWMutex
		young, old map[string]*Policy
		bytes      int // of the texts in young
	}
}

// Limits of one generation of one shard: 16 × 2 × 1 MiB of text at most.
const (
	generationEntries = 512
	generationBytes   = 1 << 20
)

var cacheSeed = maphash.MakeSeed()

func (c *policyCache) get(text string) *Policy {
	shard := &c.shards[maphash.String(cacheSeed, text)%uint64(len(c.shards))]
	shard.RLock()
	young, old := shard.young[text], shard.old[text]
	shard.RUnlock()
	if young == nil && old != nil {
		c.put(text, old)
		return old
	}
	return young
}

func (c *policyCache) put(text string, p *Policy) {
	shard := &c.shards[maphash.String(cacheSeed, text)%uint64(len(c.shards))]
	shard.Lock()
	defer shard.Unlock()
	if shard.young == nil || len(shard.young) >= generationEntries || shard.bytes+len(text) > generationBytes {
		shard.young, shard.old, shard.bytes = map[string]*Policy{}, shard.young, 0
	}
	if _, known := shard.young[text]; !known {
		shard.young[text] = p
		shard.bytes += len(text)
	}
}
