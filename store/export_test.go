package store

// Waiting returns how many updates wait for the commit under way to end.
func (s *Store) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.waiting)
}
