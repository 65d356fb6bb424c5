package authz

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestPoliciesAreCompiledOnce(t *testing.T) {
	const text = `{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`
	first, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse(strings.Clone(text))
	if err != nil || again != first {
		t.Errorf("%p, then %p, %v", first, again, err)
	}
}

// However many policies come by, what is kept stays bounded, and what is in use stays.
func TestCacheIsBounded(t *testing.T) {
	var c policyCache
	inUse := &Policy{Text: "in use"}
	c.put(inUse.Text, inUse)
	large := strings.Repeat("x", 20_000)
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for i := range 5_000 {
				text := fmt.Sprint(large[:i*4], worker, i)
				c.put(text, &Policy{Text: text})
				if c.get("in use") != inUse {
					t.Errorf("the policy in use was dropped after %d", i)
					return
				}
			}
		})
	}
	all.Wait()
	entries, bytes := 0, 0
	for i := range c.shards {
		for _, generation := range []map[string]*Policy{c.shards[i].young, c.shards[i].old} {
			entries += len(generation)
			for text := range generation {
				bytes += len(text)
			}
		}
	}
	if most := len(c.shards) * 2 * generationEntries; entries > most {
		t.Errorf("%d entries, more than %d", entries, most)
	}
	if most := len(c.shards) * 2 * generationBytes; bytes > most {
		t.Errorf("%d bytes, more than %d", bytes, most)
	}
}
