package authz

// IsPublic says whether a resource-based policy grants public access, as S3 Block Public Access defines it ("The meaning
// of 'public'").
func (p *Policy) IsPublic() bool { return false }
